/** All style sheets, general ones first; the build makes one file of them. */
import './theme/base.css';
import './theme/frame.css';
import './theme/controls.css';
import './theme/cards.css';
import './theme/tables.css';
import './theme/question.css';
import './charts/figures.css';
import './views/explore/explore.css';
import './views/overview/overview.css';
import './views/point/point.css';
import './views/cost/cost.css';
import './theme/phone.css';
import './theme/print.css';
