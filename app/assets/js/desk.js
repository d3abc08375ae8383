// What few pages have: maps, tables and lists that one works on, a text with a toolbar. See app/web/pages/scripts.py.
import "./insert.js";
import "./keys.js";
import "./lasso.js";
import "./map.js";
import "./markdown.js";
import "./push.js";
import "./rows.js";
import "./selection.js";
