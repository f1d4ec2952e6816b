// The page's own JSON interface. Every change is a POST; its error is a sentence for the person who pressed the button.

let tag = "";

/** fetchState returns the state of both systems, or null when nothing has changed since the last time. */
export async function fetchState() {
  const answer = await fetch("api/state", { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
  if (answer.status === 304) return null;
  if (!answer.ok) throw new Error(`The sandbox answers ${answer.status}.`);
  const state = await answer.json();
  tag = answer.headers.get("ETag") ?? "";
  return state;
}

/** send makes a change and returns the answer; it throws with the reason when the change was refused. */
export async function send(path, body = {}) {
  let answer;
  try {
    answer = await fetch(`api/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const result = await answer.json().catch(() => ({ error: `The sandbox answers ${answer.status}.` }));
  if (!answer.ok) throw new Error(result.error);
  return result;
}

/** path joins and escapes the parts of an address. */
export function path(...parts) {
  return parts.map((part) => encodeURIComponent(part)).join("/");
}
