/**
 * How many characters the work reads with the methods of strings and regular expressions that look for something, or copy;
 * each call counts as one more. Unlike time, the same on every machine. What an expression reads again as it backtracks is
 * not counted.
 */
export function charactersRead(work: () => void): number {
  const { indexOf, slice } = String.prototype;
  const { exec } = RegExp.prototype;
  let read = 0;
  String.prototype.indexOf = function (wanted, from = 0) {
    const found = indexOf.call(this, wanted, from);
    read += 1 + (found === -1 ? this.length : found) - Math.min(from, this.length);
    return found;
  };
  String.prototype.slice = function (from, to) {
    const part = slice.call(this, from, to);
    read += 1 + part.length;
    return part;
  };
  // Called by `test`, too, and by `search`, `replace` and `split` of strings.
  RegExp.prototype.exec = function (text) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const found = exec.call(this, text);
    const missed = this.sticky ? from : text.length;
    read += 1 + (found === null ? missed : found.index + found[0].length) - from;
    return found;
  };
  try {
    work();
  } finally {
    Object.assign(String.prototype, { indexOf, slice });
    RegExp.prototype.exec = exec;
  }
  return read;
}
