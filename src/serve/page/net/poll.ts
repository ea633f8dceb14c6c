/** Repeats work with a pause after each run; stops while the page is hidden. `work` never rejects. */
export function poll(work: () => Promise<void>, pauseMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let again = false;
  let closed = false;
  const round = async () => {
    clearTimeout(timer);
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await work();
    } while (again && !closed);
    busy = false;
    if (!closed) timer = setTimeout(next, pauseMs);
  };
  const next = () => {
    if (document.visibilityState === 'visible') void round();
    else timer = setTimeout(next, pauseMs);
  };
  void round();
  return {
    /** Runs the work at once. */
    wake: () => void round(),
    close(): void {
      closed = true;
      clearTimeout(timer);
    },
  };
}
