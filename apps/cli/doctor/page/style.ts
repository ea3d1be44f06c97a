// The page's style: quiet, light or dark as the reader's system is, narrow or wide.
import { Markup } from "./markup.ts";

export const style = new Markup(`
:root { color-scheme: light dark; --paper: #fbfaf8; --card: #ffffff; --ink: #1d2230; --soft: #5a6275; --line: #e4e1db;
  --user: #d98a2b; --kernel: #3b6fd4; --waiting: #a9b0bc; --risk: #b4431a; --good: #2b7a4b; --goodpaper: #e8f3ec; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171e; --card: #1b1f29; --ink: #e6e8ee; --soft: #9ba3b4;
  --line: #2c3240; --user: #eba653; --kernel: #6d9bf1; --waiting: #6b7484; --risk: #f08a5d; --good: #7fd0a0; --goodpaper: #1d3227; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI",
  Roboto, "Noto Sans", sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: clamp(1.6rem, 4.5vw, 2.4rem); line-height: 1.2; margin: .4rem 0 .3rem; letter-spacing: -.015em; }
h2 { font-size: 1.15rem; margin: 3rem 0 .4rem; }
h3 { font-size: 1.02rem; margin: 0; }
p { margin: .4rem 0; } .soft { color: var(--soft); } .small { font-size: .875rem; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; }
.shares { display: flex; height: 2.25rem; margin: 1.75rem 0 .9rem; border-radius: .5rem; overflow: hidden; gap: 2px; }
.shares span { display: block; min-width: 2px; }
.user { background: var(--user); } .kernel { background: var(--kernel); } .waiting { background: var(--waiting); }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; margin: 0; padding: 0; list-style: none; }
.tiles b { display: block; font-size: 1.35rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.key::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 2px;
  background: var(--key); }
.key.of-user { --key: var(--user); } .key.of-kernel { --key: var(--kernel); } .key.of-waiting { --key: var(--waiting); }
figure { margin: 1rem 0 0; } figcaption { color: var(--soft); font-size: .875rem; margin-bottom: .5rem; }
.band svg { display: block; width: 100%; height: 9rem; border-radius: .4rem; background: var(--card); }
.band .fill-user { fill: var(--user); } .band .fill-kernel { fill: var(--kernel); } .band .fill-waiting { fill: var(--waiting); }
.ticks { position: relative; height: 1.4rem; font-size: .8rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.ticks span:first-child { transform: none; } .ticks span.end { transform: translateX(-100%); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 2.5rem; }
.pair > * { min-width: 0; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .7rem; align-items: center;
  font-size: .875rem; }
.bars i { display: block; height: .8rem; border-radius: 2px; background: var(--kernel); min-width: 2px; }
.bars i.wait { background: var(--waiting); }
.bars .figure { color: var(--soft); font-variant-numeric: tabular-nums; text-align: right; }
.columns svg { display: block; width: 100%; height: auto; overflow: visible; }
.columns text { font-size: 11px; fill: var(--soft); } .columns line { stroke: var(--line); }
.columns .read { fill: var(--user); } .columns .write { fill: var(--kernel); } .columns .send { fill: var(--good); }
.finding { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1.1rem 1.25rem;
  margin: .9rem 0; }
.finding header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; justify-content: space-between; }
.finding .saves { color: var(--good); font-weight: 600; font-size: .9rem; }
.finding .risk { color: var(--risk); font-weight: 600; font-size: .9rem; }
.finding .change { margin-top: .6rem; } .finding .change::before { content: "→ "; color: var(--soft); }
.tried { background: var(--goodpaper); border-radius: .4rem; padding: .5rem .75rem; margin-top: .7rem; font-size: .925rem; }
ul.plain { padding-left: 1.1rem; margin: .4rem 0; } ul.plain li { margin: .25rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 500; color: var(--soft); } th:first-child, td:first-child { text-align: left; }
td { text-align: right; } th, td { padding: .32rem .5rem; border-bottom: 1px solid var(--line); }
.wide { overflow-x: auto; }
.flame { width: 100%; height: 34rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
footer { margin-top: 3.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
@media (max-width: 42rem) { main { padding: 1.5rem 1rem 3rem; } .pair { grid-template-columns: 1fr; gap: 0; }
  .tiles { grid-template-columns: 1fr; gap: .6rem; } .tiles li { display: grid; grid-template-columns: 8.5rem 1fr; gap: 0 .6rem; }
  .tiles b { font-size: 1.1rem; } .tiles .note { grid-column: 2; } h2 { margin-top: 2.2rem; } .bars { gap: .3rem .5rem; } }
@media print { .finding { break-inside: avoid; } }
`);
