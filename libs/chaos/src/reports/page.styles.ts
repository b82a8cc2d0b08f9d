import { Html } from './html.js';

/** The colours, as variables with a value for light and one for dark, so that pictures change with the scheme, too. */
export const palette = `:root {
  color-scheme: light dark;
  --page: #fbfbfa; --ink: #1c1f23; --muted: #5b636d; --line: #d9dce0; --panel: #ffffff;
  --good: #1a7f4b; --bad: #c0362c; --warn: #9a6700; --fault: #8b3fb5;
  --http: #2563c9; --sql: #c2660a; --leader: #1a7f4b; --replica: #7d9cc4; --on-band: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --ink: #e7e9ec; --muted: #a0a8b2; --line: #363c44; --panel: #1d2126;
    --good: #4cc38a; --bad: #ff7b6e; --warn: #e0b04a; --fault: #cf9bf0;
    --http: #7db0ff; --sql: #f2a65a; --leader: #2c9c65; --replica: #4f6c95; --on-band: #ffffff;
  }
}`;

/** The styles of the page. */
export const styles = new Html(`
${palette}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 86rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .35rem; }
p, ul { margin: .35rem 0; }
ul { padding-left: 1.2rem; }
.muted { color: var(--muted); }
.pass { color: var(--good); } .fail { color: var(--bad); } .warn { color: var(--warn); }
.pass, .fail, .warn { font-weight: 600; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .4rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--muted); font-weight: 500; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
tbody th { font-weight: 600; }
.scroll th:first-child { position: sticky; left: 0; background: var(--panel); }
.verdicts th, .verdicts td { padding: .3rem .25rem; white-space: normal; }
td.reason { text-align: left; white-space: normal; }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
summary { padding: .5rem .75rem; cursor: pointer; }
.skipped { margin: .5rem 0; padding: .5rem .75rem; border: 1px dashed var(--line); border-radius: 6px; }
details > div { padding: 0 .75rem .75rem; }
.scroll table { font-size: .84em; }
details .scroll { border-radius: 4px; }
pre { margin: 0; padding: .6rem; overflow-x: auto; font-size: 12px; border: 1px solid var(--line); border-radius: 4px; }
.counts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .1rem .9rem; margin: .35rem 0; }
.counts div { display: flex; justify-content: space-between; gap: .5rem; border-bottom: 1px solid var(--line); }
.counts dt { color: var(--muted); overflow-wrap: anywhere; }
.counts dd { margin: 0; font-variant-numeric: tabular-nums; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .9rem; color: var(--muted); }
.key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; border-radius: 2px; vertical-align: -1px; }
.markers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 0 1rem;
  max-height: 17rem; overflow-y: auto; font-size: .9rem; list-style: none; padding: 0; font-variant-numeric: tabular-nums; }
.markers b { color: var(--fault); display: inline-block; min-width: 1.6rem; }
.chart svg { display: block; width: 100%; height: auto; }
.chart.narrow { display: none; }
@media (max-width: 640px) {
  body { padding: .6rem; }
  .chart.wide { display: none; } .chart.narrow { display: block; }
  th, td { padding: .3rem .45rem; }
  .verdicts thead { display: none; }
  .verdicts tr { display: grid; grid-template-columns: 1fr 1fr; gap: .1rem 1rem; padding: .5rem .6rem; }
  .verdicts tr + tr { border-top: 1px solid var(--line); }
  .verdicts tr > * { padding: 0; border: 0; }
  .verdicts th, .verdicts .verdict { font-size: 1rem; }
  .verdicts .reason { grid-column: 1 / -1; }
  .verdicts td[data-name] { display: flex; justify-content: space-between; gap: .5rem; border-bottom: 1px solid var(--line); }
  .verdicts td[data-name]::before { content: attr(data-name); color: var(--muted); font-weight: 400; text-align: left; }
}
`);
