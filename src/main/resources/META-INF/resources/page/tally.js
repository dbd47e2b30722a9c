/** Which slots the tokens of one answer hit, layer by layer. A slot is named by its row in the layer's table. */
export class Tally {
  /** @type {Map<number, number[]>[]} by layer: row to the tokens that hit it, in order */
  #tokensByRow = [];
  /** @type {import('./chunk.js').LayerHits[][]} by token */
  #tokens = [];

  /** The next token's hits. */
  add(layers) {
    const index = this.#tokens.length;
    this.#tokens.push(layers);
    layers.forEach((layer, at) => {
      this.#tokensByRow[at] ??= new Map();
      for (const row of layer.rows) {
        const tokens = this.#tokensByRow[at].get(row);
        if (tokens) {
          tokens.push(index);
        } else {
          this.#tokensByRow[at].set(row, [index]);
        }
      }
    });
  }

  get layers() {
    return this.#tokensByRow.length;
  }

  /** What a token hit, layer by layer. */
  of(token) {
    return this.#tokens[token] ?? [];
  }

  /** The tokens that hit a row. */
  tokens(layer, row) {
    return this.#tokensByRow[layer]?.get(row) ?? [];
  }

  /** Distinct rows of a layer with how many tokens hit each. */
  * rows(layer) {
    for (const [row, tokens] of this.#tokensByRow[layer]) {
      yield { row, tokens: tokens.length };
    }
  }

  /** Rows that several tokens hit, those of most tokens first. */
  shared(layer) {
    return [...this.rows(layer)].filter(each => each.tokens > 1).sort((a, b) => b.tokens - a.tokens || a.row - b.row);
  }

  /** How many of a token's slots another token hit too. */
  sharedSlots(token) {
    let slots = 0;
    this.of(token).forEach((layer, at) => {
      slots += layer.rows.filter(row => this.tokens(at, row).length > 1).length;
    });
    return slots;
  }

  /** The other tokens that hit slots of this one, with how many: a Map from token to slots. */
  companions(token) {
    const found = new Map();
    this.of(token).forEach((layer, at) => {
      for (const row of layer.rows) {
        for (const other of this.tokens(at, row)) {
          if (other !== token) {
            found.set(other, (found.get(other) ?? 0) + 1);
          }
        }
      }
    });
    return found;
  }
}
