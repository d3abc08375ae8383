"""The style sheet of the report: a colour for each family, light and dark, narrow and wide screens, and print."""

STYLE = """\
:root { color-scheme: light dark; --paper: #faf6ef; --card: #fffdf8; --ink: #2a2420; --soft: #63584f; --line: #e4dacb;
  --accent: #a8452a; --sea: #c9bba9; --f0: #a8452a; --f1: #1f6d68; --f2: #4a579c; --f3: #6c6416; --f4: #8c3e6c;
  --f5: #2f6587;
  --serif: Fraunces, "Iowan Old Style", Palatino, "Palatino Linotype", Georgia, serif;
  --sans: Inter, system-ui, "Segoe UI", sans-serif; }
@media (prefers-color-scheme: dark) { :root { --paper: #1d1916; --card: #26211d; --ink: #f1e9de; --soft: #bcafa0;
  --line: #3d352e; --accent: #e88d6c; --sea: #65594d; --f0: #e88d6c; --f1: #70c1b9; --f2: #a5b4ee; --f3: #c9c16a;
  --f4: #e297c3; --f5: #8bbcdd; } }
.f0 { --tone: var(--f0); } .f1 { --tone: var(--f1); } .f2 { --tone: var(--f2); }
.f3 { --tone: var(--f3); } .f4 { --tone: var(--f4); } .f5 { --tone: var(--f5); }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans); --tone: var(--accent);
  font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
.top, main { max-width: 64rem; margin: 0 auto; padding: 0 1.25rem; }
.top { padding-top: 4rem; }
main { padding-bottom: 4rem; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.15; text-wrap: balance;
  letter-spacing: -.01em; }
h1 { font-size: clamp(2.2rem, 6vw, 3.6rem); margin: .2em 0 .5em; }
h2 { font-size: clamp(1.6rem, 4vw, 2rem); margin: 4.5rem 0 .75rem; }
h3 { font-size: 1.45rem; margin: 0; }
h4 { font-size: .85rem; font-weight: 600; color: var(--soft); margin: 1.75rem 0 .25rem; }
a { color: inherit; text-decoration-color: var(--tone); text-underline-offset: .2em; }
.why a, .ideas a { text-decoration-color: var(--sea); }
.why a:hover, .ideas a:hover { text-decoration-color: var(--tone); }
:focus-visible { outline: 2px solid var(--tone); outline-offset: 3px; border-radius: 2px; }
.kicker { color: var(--accent); font-weight: 600; letter-spacing: .06em; text-transform: uppercase; font-size: .8rem;
  margin: 0; }
.note { color: var(--soft); max-width: 44rem; margin: 0 0 1.25rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 0; padding: 1.25rem 0;
  border-block: 1px solid var(--line); }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--soft); font-size: .9rem; }
.figures dd { margin: 0; font: 600 2.1rem/1.1 var(--serif); }
figure { margin: 0 auto; max-width: 46rem; }
.map { width: 100%; height: auto; display: block; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; }
.map circle { fill: var(--tone); fill-opacity: .13; }
.map a:hover circle, .map a:focus-visible circle { fill-opacity: .26; }
.map path { fill: none; stroke: var(--tone); stroke-linecap: round; stroke-opacity: .65; }
.map .sea { stroke: var(--sea); stroke-opacity: 1; }
.map text { font: 600 20px/1.2 var(--serif); fill: var(--ink); stroke: var(--card); stroke-width: 7px;
  stroke-linejoin: round; paint-order: stroke; text-anchor: middle; pointer-events: none; }
.map .number { font-size: 22px; fill: var(--tone); dominant-baseline: central; }
.map .numbers { display: none; }
.since ul { list-style: none; margin: 0; padding: 0; max-width: 44rem; }
.since li { padding: .35rem 0; border-top: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; }
th { text-align: start; color: var(--soft); font-weight: 500; font-size: .85rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tr > :last-child { padding-inline-end: 0; }
.n { text-align: end; white-space: nowrap; }
.number { color: var(--tone); font-weight: 600; }
td.number { width: 2.5rem; }
.share { color: var(--soft); }
.bar { width: 22%; }
i { display: block; height: .4rem; border-radius: .2rem; background: var(--tone); min-width: 2px; }
tr.family > * { padding-top: 1.75rem; }
tr.family th { font: 600 1.2rem/1.2 var(--serif); color: var(--tone); }
.flag { display: inline-block; font-size: .8rem; line-height: 1.5; color: var(--soft); border: 1px solid var(--line);
  border-radius: 1rem; padding: 0 .6rem; white-space: nowrap; }
.theme { padding: 2.25rem 0; border-top: 1px solid var(--line); display: grid; gap: .25rem 2.5rem;
  grid-template-columns: 13rem minmax(0, 1fr); scroll-margin-top: 1rem; }
.theme > header { position: sticky; top: 1.25rem; align-self: start; }
.theme .number { font: 600 1rem var(--serif); margin: 0 0 .2rem; }
.definition { font-style: italic; margin: .5rem 0 0; }
.facts { color: var(--soft); margin: .6rem 0 0; font-size: .95rem; }
.facts b { color: var(--ink); font-weight: 600; }
.warning { margin: 0 0 1rem; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--card); font-size: .95rem; }
.phrases { list-style: none; margin: 0 0 1.25rem; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem; }
.phrases li { background: var(--card); background: color-mix(in srgb, var(--tone) 12%, var(--paper));
  border-radius: 1rem; padding: .1rem .75rem; font-size: .9rem; }
.said { margin: 0 0 1.1rem; padding-inline-start: 1rem; border-inline-start: 3px solid var(--tone); }
blockquote { margin: 0; font: 1.1rem/1.5 var(--serif); }
.between { margin: .2rem 0 0; font-size: .9rem; color: var(--soft); }
summary { cursor: pointer; }
.why summary { color: var(--soft); font-size: .85rem; width: fit-content; }
.why ul ul { margin: 0; }
.why ul, .ideas details p { margin: .3rem 0 .6rem; padding: 0 0 0 1.1rem; font-size: .9rem; color: var(--soft); }
.why b, .ideas p b { color: var(--ink); font-weight: 600; }
blockquote, summary, .ideas p, .why a, .ideas a, .typical { unicode-bidi: plaintext; }
.part { border-top: 1px solid var(--line); }
.part > summary { padding: .65rem 1.75rem .65rem 0; position: relative; list-style: none; }
.part > summary::-webkit-details-marker { display: none; }
.part > summary::after { content: "+"; position: absolute; inset-inline-end: .25rem; top: .45rem; color: var(--tone);
  font: 400 1.35rem/1.2 var(--sans); }
.part[open] > summary::after { content: "−"; }
.part > summary b { font-weight: 600; }
.part > summary .n { color: var(--soft); margin-inline-start: .5rem; }
.part > summary i { position: absolute; inset-inline-start: 0; top: -1px; height: 3px; max-width: 100%; }
.typical { display: block; color: var(--soft); font: .95rem/1.5 var(--serif); }
.ideas { padding-bottom: 1rem; }
.ideas > * { margin: 0; padding: .35rem 0; border-top: 1px dotted var(--line); font-size: .95rem; }
.ideas > p, .ideas summary { padding-inline-start: 1.1rem; position: relative; list-style: none; }
.ideas summary::-webkit-details-marker { display: none; }
.ideas summary::before { content: "+"; position: absolute; inset-inline-start: 0; color: var(--tone); }
.ideas [open] > summary::before { content: "−"; }
.ideas :target { background: color-mix(in srgb, var(--tone) 12%, var(--paper)); }
.ideas small { color: var(--soft); }
.apart p { margin: 0; }
.apart dl, .read dl { margin: .4rem 0 0; }
.apart dl { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; font-size: .95rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; }
.back { margin: 0; font-size: .9rem; color: var(--soft); }
.left { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2rem 3rem; }
.left h3 { margin-bottom: .25rem; }
.read div { padding: .6rem 0; border-top: 1px solid var(--line); max-width: 44rem; }
.read .note { margin-top: 1.5rem; }
@media (max-width: 44rem) {
  .theme, .left, .apart dl { grid-template-columns: minmax(0, 1fr); }
  .theme { gap: 1rem; } .theme > header { position: static; } .theme > header .facts { margin-top: .3rem; }
  .bar { display: none; } .top { padding-top: 2rem; } .figures { gap: .75rem 2rem; } .figures dd { font-size: 1.6rem; }
  .map .names { display: none; } .map .numbers { display: inline; }
  .map .number { font-size: 38px; stroke-width: 9px; } nav td.number { padding-inline-end: .75rem; }
  td.number { width: 1.75rem; } .share { display: none; } nav .n { padding-inline-end: 0; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@page { margin: 18mm 16mm; }
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --accent: #8a3620;
    --sea: #b9ab9b; --f0: #a8452a; --f1: #1f6d68; --f2: #4a579c; --f3: #6c6416; --f4: #8c3e6c; --f5: #2f6587; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .top, main { max-width: none; padding: 0; } h2 { margin-top: 2.5rem; }
  h2, h3, h4, .note, .theme > header { break-after: avoid; }
  .said, .part:not([open]), .part > summary, .apart, .figures, figure, tr { break-inside: avoid; }
  .theme { grid-template-columns: 10rem minmax(0, 1fr); padding: 1.25rem 0; } .theme > header { position: static; }
  .map { max-width: 17cm; margin: 0 auto; } a { text-decoration: none; }
  .back, .why:not([open]), .part > summary::after, .ideas summary::before { display: none; }
}"""
