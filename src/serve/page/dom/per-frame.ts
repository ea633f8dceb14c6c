/** The work in a frame, at most once in each `pauseMs`, however often it is asked for. What was asked is always done. */
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
