/** Number of the arithmetic: it changes when the same input gives another figure, so that caches and tables can tell. */
export const METRICS_VERSION = 1;
