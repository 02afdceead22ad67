// Event time as producers write it: ISO-8601 text or epoch milliseconds.

/**
 * The years 100 to 9899: a window of up to ten years that holds such a time begins and ends in a year of four digits, which is
 * all that readers of ISO-8601 agree on. A single event from outside would make results that nobody can read.
 */
const earliest = Date.UTC(100, 0);
const latest = Date.UTC(9900, 0);

const dayMs = 86_400_000;

/** Days before the month in a year that is no leap year, January first. */
const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Epoch milliseconds of a timestamp, or NaN when it is none. A number, or text of digits only, is epoch milliseconds:
 * seconds are not guessed. Other text is ISO-8601 in its extended form: a date, or a date and a time of day (`T` or a
 * space between them) with seconds and a fraction if wanted, and `Z` or an offset such as `+02:00`. Without an offset
 * it is UTC. A fraction is cut to milliseconds. Impossible dates, 24:00, leap seconds and years outside 100 to 9899 are refused.
 */
export function parseTimestamp(value: unknown): number {
  const time =
    typeof value === 'string' ? parseText(value) : typeof value === 'number' ? Math.floor(value) : NaN;
  return time >= earliest && time < latest ? time : NaN;
}

/** Two digits of `text`, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const units = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : NaN;
}

function parseText(text: string): number {
  if (text.charCodeAt(4) !== 45 /* - */) return parseDigits(text);
  const days = parseDate(text);
  if (text.length === 10) return days * dayMs;
  const separator = text.charCodeAt(10);
  if (separator !== 84 /* T */ && separator !== 32 /* space */) return NaN;
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  if (!(hours < 24) || !(minutes < 60) || text.charCodeAt(13) !== 58 /* : */) return NaN;
  const time = days * dayMs + hours * 3_600_000 + minutes * 60_000;
  if (text.charCodeAt(16) !== 58) return time + parseOffset(text, 16);
  const seconds = twoDigits(text, 17);
  if (!(seconds < 60)) return NaN;
  if (text.charCodeAt(19) !== 46 /* . */) return time + seconds * 1000 + parseOffset(text, 19);
  let end = 20;
  let milliseconds = 0;
  for (let weight = 100; end < text.length; end++, weight /= 10) {
    const digit = text.charCodeAt(end) - 48;
    if (digit < 0 || digit > 9) break;
    if (weight >= 1) milliseconds += digit * weight;
  }
  return end === 20 ? NaN : time + seconds * 1000 + milliseconds + parseOffset(text, end);
}

/** Days from the epoch to the date at the start of `text` in the proleptic Gregorian calendar, or NaN. */
function parseDate(text: string): number {
  if (text.charCodeAt(7) !== 45) return NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!(year >= 0) || !(month >= 1 && month <= 12)) return NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (!(day >= 1 && day <= daysInMonth[month - 1]! + (leap && month === 2 ? 1 : 0))) return NaN;
  const before = year - 1;
  const leapDays =
    year === 0 ? 0 : Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1;
  const daysBeforeYear = year * 365 + leapDays;
  // 719528 days lie between 0000-01-01 and 1970-01-01.
  return daysBeforeYear - 719_528 + daysBeforeMonth[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1;
}

/** Milliseconds to add to local time for UTC: the rest of `text` is nothing, `Z`, `+hh:mm`, `+hhmm` or `+hh`; NaN for anything else. */
function parseOffset(text: string, at: number): number {
  const rest = text.length - at;
  if (rest === 0) return 0;
  const sign = text.charCodeAt(at);
  if (sign === 90 /* Z */) return rest === 1 ? 0 : NaN;
  if (sign !== 43 /* + */ && sign !== 45 /* - */) return NaN;
  const hours = twoDigits(text, at + 1);
  let minutes = NaN;
  if (rest === 3) minutes = 0;
  else if (rest === 5) minutes = twoDigits(text, at + 3);
  else if (rest === 6 && text.charCodeAt(at + 3) === 58) minutes = twoDigits(text, at + 4);
  if (!(hours < 24) || !(minutes < 60)) return NaN;
  const offset = hours * 3_600_000 + minutes * 60_000;
  return sign === 43 ? -offset : offset;
}

function parseDigits(text: string): number {
  // 16 digits reach beyond all dates that are taken; longer text is not worth reading.
  if (text.length === 0 || text.length > 16) return NaN;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return NaN;
  }
  return Number(text);
}
