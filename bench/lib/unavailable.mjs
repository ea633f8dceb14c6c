/** A contender that cannot run on this machine is left out, and the reason printed. */
export class Unavailable extends Error {}
