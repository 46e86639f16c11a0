import './base.css';
import './sandboxes.css';
import './model.css';
