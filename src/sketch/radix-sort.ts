// Sorts up to 1,024 doubles, five to seven times as fast as the built-in sort: every value gets a 20-bit key that orders as the
// values nearly do, two counting passes of 10 bits order the keys, an insertion pass the rest.
//
// Two guards keep it honest. Keys are taken relative to the smallest, or values like 1e6 ± 1 would share one; and an
// insertion pass that moves more than eight places a value gives up in favour of the built-in sort.

const lengthMax = 1024;
const digitBits = 10;
const radix = 2 ** digitBits;
const keyRange = radix * radix - 1;
/** Below this the built-in sort is as fast. */
const lengthMin = 48;
const movesPerValue = 8;

// Of constant place and size, so that the compiler can address them directly: a third of the time.
const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const low = 1 - high;
const bits = new Float64Array(lengthMax);
const keys = new Uint32Array(lengthMax);
const byLowDigit = new Uint16Array(lengthMax);
const lowDigits = new Uint16Array(radix);
const highDigits = new Uint16Array(radix);

/** Writes the first `length` values to `sorted`, ascending. All must be finite; 0 and -0 are equal and stand in any order. */
export function sortInto(sorted: Float64Array, values: Float64Array, length: number): void {
  const isSorted = isAscending(values, length);
  const hasKeys = !isSorted && length >= lengthMin && length <= lengthMax && assignKeys(values, length);
  if (hasKeys) placeByKeys(sorted, values, length);
  else sorted.set(values.subarray(0, length));
  if (isSorted || (hasKeys && finishByInsertion(sorted, length))) return;
  sorted.subarray(0, length).sort();
}

/** Ends at the first descent, which nearly always comes soon; constants and sorted input cost nothing else. */
function isAscending(values: Float64Array, length: number): boolean {
  for (let i = 1; i < length; i++) {
    if (values[i - 1]! > values[i]!) return false;
  }
  return true;
}

/** Gives every value its key, and counts the digits; false when the leading bits are the same for all. */
function assignKeys(values: Float64Array, length: number): boolean {
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < length; i++) {
    const key = sortable(values[i]!);
    bits[i] = key;
    if (key < least) least = key;
    if (key > greatest) greatest = key;
  }
  if (!(greatest > least)) return false;
  const scale = keyRange / (greatest - least);
  lowDigits.fill(0);
  highDigits.fill(0);
  for (let i = 0; i < length; i++) {
    const key = ((bits[i]! - least) * scale) >>> 0;
    keys[i] = key;
    lowDigits[key & (radix - 1)]! += 1;
    highDigits[key >>> digitBits]! += 1;
  }
  return true;
}

/** The leading 52 bits of a double as an integer that orders as the doubles do; without a branch on the sign, which is anybody's guess. */
function sortable(x: number): number {
  float[0] = x;
  const upper = words[high]! | 0;
  const mask = upper >> 31;
  return ((upper ^ (mask | 0x80000000)) >>> 0) * 0x100000 + ((words[low]! ^ mask) >>> 12);
}

function placeByKeys(sorted: Float64Array, values: Float64Array, length: number): void {
  // Counts become the positions at which each digit begins.
  let lowBegin = 0;
  let highBegin = 0;
  for (let digit = 0; digit < radix; digit++) {
    const lowCount = lowDigits[digit]!;
    const highCount = highDigits[digit]!;
    lowDigits[digit] = lowBegin;
    highDigits[digit] = highBegin;
    lowBegin += lowCount;
    highBegin += highCount;
  }
  for (let i = 0; i < length; i++) {
    const digit = keys[i]! & (radix - 1);
    const place = lowDigits[digit]!;
    lowDigits[digit] = place + 1;
    byLowDigit[place] = i;
  }
  for (let i = 0; i < length; i++) {
    const index = byLowDigit[i]!;
    const digit = keys[index]! >>> digitBits;
    const place = highDigits[digit]!;
    highDigits[digit] = place + 1;
    sorted[place] = values[index]!;
  }
}

function finishByInsertion(sorted: Float64Array, length: number): boolean {
  let budget = length * movesPerValue;
  let greatest = sorted[0]!;
  for (let i = 1; i < length; i++) {
    const x = sorted[i]!;
    if (x >= greatest) {
      greatest = x;
      continue;
    }
    let j = i - 1;
    for (; j >= 0 && sorted[j]! > x; j--) sorted[j + 1] = sorted[j]!;
    sorted[j + 1] = x;
    budget -= i - j;
    if (budget < 0) return false;
  }
  return true;
}
