// The page of a session's code: asks for its middle part anew every few seconds, and at once when the code has changed.
"use strict";

const board = document.getElementById("board");
const whole = document.getElementById("whole");
const PATIENCE_MS = 10000; // a server that says nothing for so long is lost, too
let asked = 0; // questions are numbered: what comes of one is dropped where a later one was answered
let answered = 0;

async function refresh() {
  const number = (asked += 1);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(board.dataset.address, { cache: "no-store", redirect: "error", signal });
    if (!answer.ok) throw new Error(answer.statusText);
    const part = await answer.text();
    if (number < answered) return;
    answered = number;
    board.innerHTML = part; // ours, and escaped where it is made
    document.body.classList.remove("is-lost");
  } catch {
    if (number > answered) document.body.classList.add("is-lost");
  }
}

function tick() {
  const left = board.querySelector("[data-left]");
  if (!left) return;
  const seconds = Number(left.textContent) - 1;
  left.textContent = Math.max(seconds, 0);
  if (seconds === 0) refresh();
}

setInterval(tick, 1000);
setInterval(refresh, Number(board.dataset.seconds) * 1000);

if (document.documentElement.requestFullscreen) {
  whole.hidden = false;
  whole.addEventListener("click", () => document.documentElement.requestFullscreen());
}
