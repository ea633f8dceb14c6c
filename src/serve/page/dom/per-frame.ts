/** Throttles work to animation frames, at most once per `pauseMs`. Every call is followed by a run. */
export function perFrame(work: () => void, pauseMs = 0): () => void {
  let asked = false;
  let last = Number.NEGATIVE_INFINITY;
  const frame = () =>
    requestAnimationFrame(() => {
      asked = false;
      last = performance.now();
      work();
    });
  return () => {
    if (asked) return;
    asked = true;
    const pause = last + pauseMs - performance.now();
    if (pause > 0) setTimeout(frame, pause);
    else frame();
  };
}
