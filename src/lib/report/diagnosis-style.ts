/** The style of the diagnosis page: readable on paper and in a ticket, light and dark. */
export const DIAGNOSIS_STYLE = `
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#f4f5f7;--line:#d8dce1;--dim:#5c6670;--bad:#b3261e;--badbg:#fdeceb;--good:#1a7f37;--goodbg:#e9f7ee;--warn:#8a5a00;--warnbg:#fff6e0}
@media(prefers-color-scheme:dark){:root{--fg:#e6e9ed;--bg:#14171a;--soft:#1d2125;--line:#343a41;--dim:#9aa4ae;--bad:#ff8a80;--badbg:#3a1a18;--good:#6fdc8c;--goodbg:#143021;--warn:#f0c060;--warnbg:#352a10}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 .4rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}h3{font-size:1rem;margin:1rem 0 .3rem;overflow-wrap:anywhere}
p{margin:.35rem 0}
header{padding:1rem 1.2rem;border-left:.4rem solid;border-radius:.3rem}
header.fail,article.fail{border-color:var(--bad)}header.ok,article.ok{border-color:var(--good)}
header.fail{background:var(--badbg)}header.ok{background:var(--goodbg)}
section.warn{background:var(--warnbg);padding:.2rem 1rem .6rem;border-radius:.3rem}
.dim{color:var(--dim)}.fail-text{color:var(--bad)}.ok-text{color:var(--good)}
pre{background:var(--soft);border:1px solid var(--line);border-radius:.3rem;padding:.5rem .7rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0;font:13px/1.45 ui-monospace,monospace}
code,.mono{font-family:ui-monospace,monospace;font-size:.88em}
table{border-collapse:collapse;width:100%;font-size:.92em}
th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:600;white-space:nowrap}
.sequence td:first-child{text-align:right}.sequence td{width:46%}.sequence .ms{width:8%;text-align:center;color:var(--dim);font-family:ui-monospace,monospace}
.sequence td[colspan]{text-align:center;width:100%}
article{border-left:.25rem solid var(--line);padding:.2rem 0 .2rem 1rem;margin:.8rem 0}
.bar{position:relative;height:.9rem;background:var(--soft);border:1px solid var(--line);border-radius:.2rem;margin:.4rem 0 .1rem}
.bar i,.bar u,.bar s{position:absolute;top:0;bottom:0}
.bar i{background:var(--good);opacity:.35}.bar u{background:var(--good);opacity:.7}
article.fail .bar i,article.fail .bar u{background:var(--bad)}
.bar s{width:2px;background:var(--fg);top:-.25rem;bottom:-.25rem}
li{margin:.3rem 0}
footer{margin-top:2rem;font-size:.88em}
@media print{main{max-width:none;padding:0}pre{border-color:#999}}
`;
