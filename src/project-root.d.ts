/** Absolute path of the checkout; filled in by the bundler for tests and benchmarks only. */
declare const __PROJECT_ROOT__: string;
