import './base.css';
import './sandboxes.css';
import './model.css';
import './edit.css';
import './panel.css';
