// Every page works without these scripts. Each module makes one thing quicker or more comfortable.
import "./partial.js";
import "./appearance.js";
import "./autosave.js";
import "./confirm.js";
import "./copy.js";
import "./counter.js";
import "./deadline.js";
import "./insert.js";
import "./menu.js";
import "./reveal.js";
import "./scroll-back.js";
import "./selection.js";
import "./submit.js";
import "./summary.js";
import "./tabs.js";
