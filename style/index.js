import './base.css';
import './review.css';
import './sandboxes.css';
import './model.css';
import './edit.css';
import './panel.css';
import './report.css';
import './stream.css';
