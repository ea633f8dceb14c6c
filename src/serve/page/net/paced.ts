/** Pause between two runs. */
const PACE_MS = 700;

/** Throttles work: one run at a time with a pause in between, and always one after the last request. */
export function paced(work: (signal: AbortSignal) => Promise<void>, failed: (error: unknown) => void) {
  const closing = new AbortController();
  let wanted = false;
  let busy = false;
  const run = async () => {
    busy = true;
    while (wanted && !closing.signal.aborted) {
      wanted = false;
      await work(closing.signal).catch(error => closing.signal.aborted || failed(error));
      await new Promise(resolve => setTimeout(resolve, PACE_MS));
    }
    busy = false;
  };
  return {
    ask(): void {
      wanted = true;
      if (!busy) void run();
    },
    close: (): void => closing.abort(),
  };
}
