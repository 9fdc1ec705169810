import type { Expect } from '../config-schema.js';
import type { EndpointFacts } from '../endpoint-facts.js';
import type { Check, Expectation } from '../expectation.js';

/** One expectation: when it is asked for, and how it is judged. Pure; one a file. */
export interface ExpectationRule {
  expectation: Expectation;
  /** Whether the file asks for it. */
  asked(expect: Expect): boolean;
  /** Several checks when several things are held to it. */
  check(facts: EndpointFacts): Check | Check[];
}
