import './base.css';
import './sandboxes.css';
