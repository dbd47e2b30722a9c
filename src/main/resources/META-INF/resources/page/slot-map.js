const COLUMNS = 64;
const LINES = 14;
const CELL = 6;
const CELLS = COLUMNS * LINES;

/** A picture of one layer's table: its slots, folded into a grid. Squares are the brighter the more tokens read them. */
export class SlotMap {
  #canvas = document.createElement('canvas');
  #rows;

  /** @param {number} rows of the table */
  constructor(rows) {
    this.#rows = rows;
    this.#canvas.className = 'map';
    this.#canvas.width = 2 * COLUMNS * CELL;
    this.#canvas.height = 2 * LINES * CELL;
    this.#canvas.setAttribute('role', 'img');
  }

  get element() {
    return this.#canvas;
  }

  /** Slots of a square. */
  get slotsOfASquare() {
    return Math.ceil(this.#rows / CELLS);
  }

  /**
   * @param {Iterable<{row: number, tokens: number}>} rows all that the answer read
   * @param {number[]} now rows of the token that the page tells of
   * @param {string} label the same in words
   */
  draw(rows, now, label) {
    const reads = new Array(CELLS).fill(0);
    for (const each of rows) {
      reads[this.#cell(each.row)] += each.tokens;
    }
    const most = Math.max(1, ...reads);
    const style = getComputedStyle(this.#canvas);
    const context = this.#canvas.getContext('2d');
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, COLUMNS * CELL, LINES * CELL);
    reads.forEach((count, cell) => {
      context.fillStyle = count === 0 ? style.borderTopColor : style.color;
      context.globalAlpha = count === 0 ? 1 : 0.3 + 0.7 * Math.log1p(count) / Math.log1p(most);
      this.#square(context, cell, 1);
    });
    context.globalAlpha = 1;
    context.fillStyle = style.caretColor;
    new Set(now.map(row => this.#cell(row))).forEach(cell => this.#square(context, cell, 0));
    this.#canvas.setAttribute('aria-label', label);
  }

  #square(context, cell, inset) {
    const x = (cell % COLUMNS) * CELL;
    const y = Math.floor(cell / COLUMNS) * CELL;
    context.fillRect(x + inset / 2, y + inset / 2, CELL - inset, CELL - inset);
  }

  #cell(row) {
    return Math.min(CELLS - 1, Math.floor(row * CELLS / this.#rows));
  }
}
