/// The page's script: pointer and arrow keys move through the rows of each figure's table and show
/// them in its legend.
enum ReportScript {
  /// SHA-256 of ``text`` as the page's content security policy names it, so that nothing else can
  /// run. A test computes it again.
  static let digest = "sha256-kvSfi6prXfKcZC3YPtl5EQSYc532UKyC+K0MogF/3iI="

  static let text = """
    (() => {
      for (const figure of document.querySelectorAll("figure.time")) {
        const chart = figure.querySelector("svg.chart"), cursor = chart.querySelector(".cursor");
        const rows = [...figure.querySelectorAll("tbody tr")], xs = rows.map(row => +row.dataset.x);
        const at = figure.querySelector(".at"), values = figure.querySelectorAll(".v");
        const live = figure.querySelector(".live"), last = rows.length - 1;
        const newest = [...values].map(value => value.textContent);
        let index = last;
        const text = (row, cell) => rows[row].cells[cell].textContent;
        const show = (row, marked) => {
          index = Math.max(0, Math.min(last, row));
          at.textContent = text(index, 0);
          values.forEach((value, column) => value.textContent = text(index, column + 1));
          cursor.setAttribute("d", marked
            ? `M${xs[index]} ${cursor.dataset.top}V${cursor.dataset.bottom}` : "");
        };
        const leave = () => {
          show(last, false);
          values.forEach((value, column) => value.textContent = newest[column]);
          live.textContent = "";
        };
        const point = event => {
          const matrix = chart.getScreenCTM();
          if (!matrix) return;
          const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()).x;
          let low = 0, high = last;
          while (low < high) {
            const middle = (low + high) >> 1;
            if (xs[middle] < x) low = middle + 1; else high = middle;
          }
          show(low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low, true);
        };
        chart.addEventListener("pointerdown", point);
        chart.addEventListener("pointermove", point);
        chart.addEventListener("pointerleave", leave);
        chart.addEventListener("blur", leave);
        chart.addEventListener("keydown", event => {
          const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10,
            Home: -last, End: last };
          if (event.key === "Escape") return leave();
          if (!(event.key in steps)) return;
          event.preventDefault();
          show(index + steps[event.key], true);
          live.textContent = [...figure.querySelectorAll(".legend:not(.key) li")]
            .map(part => part.textContent).join(", ");
        });
      }
    })();
    """
}
