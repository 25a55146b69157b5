// Waiting, on this side of the browser, for something to become true.

export async function until(condition, what, milliseconds = 20000) {
  const deadline = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
