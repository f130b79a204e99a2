/** The whole look of the page: nothing is fetched, so fonts are the reader's own, and colours follow the reader's light or dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c1f24; --soft: #59616e; --line: #d9dde3; --ground: #fff; --card: #f5f6f8; --treatment: #1f5fd0; --control: #b35900; --alarm: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --soft: #9aa3b0; --line: #363b43; --ground: #15171a; --card: #1e2125; --treatment: #7fb0ff; --control: #f0a860; --alarm: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1.25rem 4rem; color: var(--text); background: var(--ground); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .25rem; padding-top: 1rem; border-top: 2px solid var(--text); }
h3 { font-size: 1.05rem; margin: 2.25rem 0 .5rem; }
h4 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
p { margin: .4rem 0; max-width: 46rem; }
.soft, caption, small { color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.figures div { background: var(--card); border-radius: .5rem; padding: .75rem 1rem; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 0; }
.figures strong { display: block; font-size: 1.35rem; line-height: 1.3; font-weight: 600; }
.figures small { font-size: .85rem; }
ul.changes { padding-left: 1.1rem; margin: .25rem 0 1rem; max-width: 50rem; }
ul.changes li { margin: .3rem 0; }
.status { font-size: .8rem; color: var(--soft); border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; white-space: nowrap; }
.empty { background: var(--card); border-radius: .5rem; padding: .75rem 1rem; }
ul.alarms { list-style: none; padding: 0; }
ul.alarms li { border-left: 4px solid var(--alarm); padding: .25rem .9rem; margin: .75rem 0; background: var(--card); }
.plot, .wide { overflow-x: auto; margin: .75rem 0; }
.plot svg { display: block; width: 100%; max-width: 60rem; height: auto; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .zero { stroke: var(--text); stroke-width: 1.2; stroke-dasharray: 4 3; }
svg .line { fill: none; stroke: currentColor; stroke-width: 2; }
svg .whisker { stroke: currentColor; stroke-width: 1.5; opacity: .65; }
svg .band { fill: currentColor; opacity: .16; }
svg .mark { fill: currentColor; stroke: var(--ground); stroke-width: 1; }
@media (max-width: 40rem) { .plot svg text { font-size: 17px; } }
.treatment { color: var(--treatment); }
.control { color: var(--control); }
.size { color: var(--soft); }
svg text.treatment, svg text.control { fill: currentColor; font-weight: 600; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
td, th { overflow-wrap: normal; }
thead th { color: var(--soft); vertical-align: bottom; }
td.n, th.n { text-align: right; }
table.metrics { min-width: 36rem; }
table.forest { min-width: 54rem; }
table.forest th[scope=row] { width: 17rem; overflow-wrap: anywhere; }
code { font: .92em ui-monospace, monospace; background: var(--card); padding: 0 .2em; border-radius: .2em; }
svg.bar { display: block; width: 15rem; height: auto; }
summary { cursor: pointer; color: var(--soft); font-size: .88rem; }
details.dream { border-bottom: 1px solid var(--line); padding: .4rem 0; max-width: 52rem; }
details.dream > summary { font-size: .95rem; }
details.dream > summary strong { color: var(--text); font-weight: 600; }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  details::details-content { content-visibility: visible; block-size: auto; }
  section, .plot, tr, li { break-inside: avoid; }
}
`
