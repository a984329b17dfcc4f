/// The page's style sheet.
enum ReportStyle {
  static let text = """
    :root {
      --ground: #fbfbfa; --card: #ffffff; --ink: #1d2126; --soft: #59636e; --edge: #dfe3e8;
      --first: #1f5fa8; --second: #c2410c; --third: #2f7d4f; --under: #b9c9dc; --area: #e5ecf4;
      --target: #b42335; --band: #c2410c26; --quiet: #dde2e8; --down: #59a88a; --up: #3f7fc4;
      --unsure: #d9a83a; --alarm: #c6394b; --damped: #8a6fc0; --manual: #0e7c86;
      --held: #d9a83a2e;
      --good: #1e6b40; --bad: #b42335;
      --hue1: #1f5fa8; --hue2: #c2410c; --hue3: #2f7d4f; --hue4: #8a3fa0; --hue5: #96720a;
      --hue6: #0e7c86; --hue7: #b42335; --hue8: #5b6470;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #0f1318; --card: #161b22; --ink: #e4e8ed; --soft: #9aa5b1; --edge: #2b333d;
        --first: #6cb0f5; --second: #f2955c; --third: #65c18c; --under: #3d5470; --area: #1f2b3a;
        --target: #f0717f; --band: #f2955c2e; --quiet: #2d3640; --down: #3f8a70; --up: #4c8fd6;
        --unsure: #b98a2c; --alarm: #d4505f; --damped: #9b83d1; --manual: #3aa3ad;
        --held: #b98a2c33;
        --good: #65c18c; --bad: #f0717f;
        --hue1: #6cb0f5; --hue2: #f2955c; --hue3: #65c18c; --hue4: #c48be0; --hue5: #e0b84a;
        --hue6: #4fc1cc; --hue7: #f0717f; --hue8: #9aa5b1;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    header, main { max-width: 1320px; margin: 0 auto; padding: 0 16px; }
    header { padding-top: 24px; }
    main:focus { outline: none; }
    h1, h2, h3, p, dl, ul, figure { margin: 0; padding: 0; }
    h1 { font-size: 24px; line-height: 1.25; overflow-wrap: anywhere; }
    h2 { font-size: 18px; margin: 32px 0 12px; }
    h3 { font-size: 14px; font-weight: 600; }
    small { font-size: 12px; font-weight: 400; color: var(--soft); }
    .kind { color: var(--soft); font-size: 13px; }
    .span, .note, .none { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
    .note { margin-top: 8px; }
    .skip { position: absolute; left: -9999px; }
    .skip:focus { left: 8px; top: 8px; padding: 8px 12px; background: var(--card);
      color: var(--ink); z-index: 1; }
    .hidden, .live { position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; }
    :focus-visible { outline: 2px solid var(--first); outline-offset: 2px; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px;
      margin-top: 16px; }
    .tiles div { background: var(--card); border: 1px solid var(--edge); border-radius: 8px;
      padding: 8px 12px; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
    dt { color: var(--soft); font-size: 12px; line-height: 1.3; }
    dd { margin: 0; font-size: 20px; font-variant-numeric: tabular-nums; }
    .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr));
      gap: 12px; align-items: start; }
    .plot { position: relative; min-width: 0; background: var(--card);
      border: 1px solid var(--edge); border-radius: 8px; padding: 12px 12px 8px; }
    .at { white-space: nowrap; font-variant-numeric: tabular-nums; min-width: 118px; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 12px;
      min-height: 36px; align-content: flex-start; margin-top: 2px; }
    .legend li { display: inline-flex; align-items: center; gap: 5px; color: var(--soft); }
    .legend b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
    .swatch { width: 20px; height: 12px; flex: none; }
    .chart { display: block; width: 100%; height: auto; touch-action: pan-y; border-radius: 4px; }
    .chart text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    .end { text-anchor: end; }
    .middle { text-anchor: middle; }
    .grid { stroke: var(--edge); fill: none; }
    .base { stroke: var(--soft); stroke-opacity: .6; fill: none; }
    .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
    .first { stroke: var(--first); }
    .second { stroke: var(--second); stroke-width: 1.3; }
    .third { stroke: var(--third); stroke-dasharray: 4 3; }
    .under { stroke: var(--under); stroke-width: 5; }
    .area { fill: var(--area); stroke: none; }
    .band { fill: var(--band); }
    .target { stroke: var(--target); stroke-dasharray: 6 4; }
    .bound { stroke: var(--third); stroke-dasharray: 2 3; }
    .hue1 { stroke: var(--hue1); } .hue2 { stroke: var(--hue2); } .hue3 { stroke: var(--hue3); }
    .hue4 { stroke: var(--hue4); } .hue5 { stroke: var(--hue5); stroke-dasharray: 5 3; }
    .hue6 { stroke: var(--hue6); stroke-dasharray: 5 3; }
    .hue7 { stroke: var(--hue7); stroke-dasharray: 5 3; }
    .hue8 { stroke: var(--hue8); stroke-dasharray: 5 3; }
    .held { fill: var(--held); stroke: none; }
    .dot { stroke-width: 1; }
    .dot.first { fill: var(--first); }
    .dot.second { fill: var(--second); }
    .dot.third { fill: var(--third); stroke-dasharray: none; }
    .point { fill: var(--first); fill-opacity: .55; }
    .worker { fill: none; stroke: var(--ink); stroke-width: 1.8; }
    .front { stroke: var(--third); }
    .point.best { fill: var(--third); fill-opacity: 1; }
    .pareto { grid-column: 1 / -1; width: 100%; max-width: 720px; }
    .policies .best th, .policies .best td { font-weight: 600; }
    .policies th[scope="row"] { white-space: normal; min-width: 190px; }
    a { color: var(--first); }
    .lead { margin: -8px 0 12px; }
    section + .scroll { margin-top: 12px; }
    .cursor { stroke: var(--ink); stroke-opacity: .5; fill: none; }
    .quiet { fill: var(--quiet); } .down { fill: var(--down); } .up { fill: var(--up); }
    .unsure { fill: var(--unsure); } .alarm { fill: var(--alarm); } .damped { fill: var(--damped); }
    .manual { fill: var(--manual); }
    .answer { margin-top: 12px; max-width: 90ch; overflow-wrap: anywhere; }
    .answer p + p { margin-top: 4px; }
    .tiles .good { border-left: 4px solid var(--good); }
    .tiles .bad { border-left: 4px solid var(--bad); }
    .tiles .good dd::after { content: " ✓"; color: var(--good); }
    .tiles .bad dd::after { content: " ✗"; color: var(--bad); }
    details { font-size: 13px; }
    summary { cursor: pointer; color: var(--soft); width: fit-content; padding: 2px 0; }
    .scroll { overflow: auto; max-height: 360px; }
    .scroll.tall { max-height: none; }
    .scroll.wide { max-height: none; background: var(--card); border: 1px solid var(--edge);
      border-radius: 8px; }
    table { border-collapse: collapse; font-size: 13px; width: 100%;
      font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--soft); padding: 6px 8px; }
    th, td { text-align: left; padding: 4px 8px; border-top: 1px solid var(--edge);
      vertical-align: top; unicode-bidi: isolate; }
    th { font-weight: 500; }
    .plot table { font-size: 12px; }
    .plot th, .plot td { padding: 3px 5px; }
    .plot th:first-child, .plot td:first-child, .plot caption { padding-left: 0; }
    .plot caption { padding-top: 0; }
    thead th { color: var(--soft); white-space: nowrap; }
    .n { text-align: right; white-space: nowrap; }
    .when, tbody th { white-space: nowrap; }
    .decisions td:last-child { min-width: 300px; width: 60%; }
    .decisions details p { margin: 4px 0; max-width: 90ch; overflow-wrap: anywhere; }
    .status { white-space: nowrap; }
    .status.failed, .failure { color: var(--target); }
    .status.applied { color: var(--first); font-weight: 600; }
    .warning { color: var(--second); }
    main > section:last-child { padding-bottom: 48px; }
    @media (max-width: 480px) {
      header, main { padding-left: 10px; padding-right: 10px; }
      .plot { padding: 10px 8px 6px; }
      .chart text { font-size: 13px; }
      .decisions thead { position: absolute; clip-path: inset(50%); }
      .decisions, .decisions caption, .decisions tbody { display: block; }
      .decisions tr { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 8px;
        border-top: 1px solid var(--edge); }
      .decisions tr > * { border: 0; padding: 0; }
      .decisions td:last-child { flex: 0 0 100%; min-width: 0; }
      .decisions [data-label]::before { content: attr(data-label) " "; color: var(--soft); }
    }
    @media (min-width: 760px) { .pareto .chart text { font-size: 8px; } }
    @media print { .skip, details:not([open]) { display: none; } }
    """
}
