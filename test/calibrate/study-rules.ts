// The rules that the study compares, in the order of its tables.
import { azureCategories, azureJensenShannon, azurePsi, azureWasserstein } from './rules/azure.ts';
import {
  driftlineAnySize,
  driftlineCategories,
  driftlineCategoriesAnySize,
  driftlineDefault,
} from './rules/driftline.ts';
import {
  evidentlyCategories,
  evidentlyJensenShannon,
  evidentlyKolmogorovSmirnov,
  evidentlyPsi,
  evidentlyWasserstein,
} from './rules/evidently.ts';
import { nannymlJensenShannon } from './rules/nannyml.ts';
import type { CategoryRule, Rule } from './rules/rule.ts';
import {
  sagemakerRobust,
  sagemakerRobustCategories,
  sagemakerSimple,
  sagemakerSimpleCategories,
} from './rules/sagemaker.ts';
import { textbookPsi } from './rules/textbook.ts';
import { whylabsCategories, whylabsHellinger } from './rules/whylabs.ts';

/** Rules of others for numbers. */
export const vendorRules: readonly Rule[] = [
  evidentlyWasserstein,
  evidentlyKolmogorovSmirnov,
  evidentlyJensenShannon,
  evidentlyPsi,
  azureWasserstein,
  azureJensenShannon,
  azurePsi,
  sagemakerSimple,
  sagemakerRobust,
  whylabsHellinger,
  nannymlJensenShannon,
  textbookPsi,
];

/** All rules for numbers. */
export const numericRules: readonly Rule[] = [driftlineDefault, driftlineAnySize, ...vendorRules];

/** All rules for categories. */
export const categoryRules: readonly CategoryRule[] = [
  driftlineCategories,
  driftlineCategoriesAnySize,
  evidentlyCategories,
  azureCategories,
  sagemakerSimpleCategories,
  sagemakerRobustCategories,
  whylabsCategories,
];
