// The page works without any of this; each module makes one thing quicker or kinder.
import "./partial.js";
import "./appearance.js";
import "./autosave.js";
import "./confirm.js";
import "./copy.js";
import "./counter.js";
import "./deadline.js";
import "./insert.js";
import "./menu.js";
import "./place.js";
import "./reveal.js";
import "./selection.js";
import "./submit.js";
import "./summary.js";
import "./tabs.js";
