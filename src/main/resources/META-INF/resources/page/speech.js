const LONG = 160;

/** Gives a growing text to screen readers in pieces that can be spoken: sentences, or what gets too long to wait for. */
export class Speech {
  #region;
  #waiting = '';

  /** @param {HTMLElement} region lies in a live region */
  constructor(region) {
    this.#region = region;
  }

  add(text) {
    this.#waiting += text;
    if (/[.!?…:;\n]\s*$/.test(this.#waiting) || this.#waiting.length > LONG) {
      this.end();
    }
  }

  end() {
    if (this.#waiting !== '') {
      this.#region.append(this.#waiting);
      this.#waiting = '';
    }
  }
}
