// The regularised incomplete gamma functions, from which the tails of the normal and chi-squared distributions follow.

/** Stirling's series for ln Γ(a) holds to double precision from here on. */
const stirlingFrom = 12;

/** ln Γ(a) − [(a − ½) ln a − a + ½ ln 2π] by Stirling's series (DLMF 5.11.1), for a ≥ `stirlingFrom`. */
function stirlingCorrection(a: number): number {
  const r = 1 / (a * a);
  return (
    (1 / 12 + r * (-1 / 360 + r * (1 / 1260 + r * (-1 / 1680 + r * (1 / 1188 + (r * -691) / 360360))))) / a
  );
}

/** ln Γ(a) for a > 0. */
export function logGamma(a: number): number {
  let product = 1;
  let shifted = a;
  while (shifted < stirlingFrom) product *= shifted++;
  const stirling = (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI);
  return stirling + stirlingCorrection(shifted) - Math.log(product);
}

/**
 * ln of xᵃ e⁻ˣ / Γ(a). For large a the three terms are huge and nearly cancel; written around x = a the error stays at
 * a rounding of |x − a|.
 */
function logKernel(a: number, x: number): number {
  if (a < stirlingFrom) return a * Math.log(x) - x - logGamma(a);
  const u = (x - a) / a;
  const exponent = Math.abs(u) < 0.5 ? Math.log1p(u) - u : Math.log(x / a) - u;
  return a * exponent + 0.5 * Math.log(a / (2 * Math.PI)) - stirlingCorrection(a);
}

/** P(a, x) by its power series (DLMF 8.7.1), which converges quickly for x < a + 1. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * Math.exp(logKernel(a, x));
}

/** Q(a, x) / (xᵃ e⁻ˣ / Γ(a)) by its continued fraction (DLMF 8.9.2), Lentz's method, for x ≥ a + 1. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 1e6; k++) {
    const numerator = k * (a - k);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return fraction;
}

/** Q(a, x) = Γ(a, x) / Γ(a) for a > 0 and x ≥ 0: relative error below 1e-11 down to the smallest doubles. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x) * Math.exp(logKernel(a, x));
}

/** ln Q(a, x), finite where Q(a, x) itself is too small for a double. */
export function logUpperGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? Math.log1p(-lowerSeries(a, x)) : Math.log(upperFraction(a, x)) + logKernel(a, x);
}

/** xᵃ e⁻ˣ / (Γ(a) Q(a, x)): by how much ln Q falls when ln x grows. */
export function upperGammaSlope(a: number, x: number): number {
  if (x >= a + 1) return 1 / upperFraction(a, x);
  return Math.exp(logKernel(a, x)) / (1 - lowerSeries(a, x));
}
