import { clock, el } from "./dom.js";

// How the integration stands with a notice: a strip above each pair.

const words = {
  importing: "being imported", working: "Hillava has the task", done: "Tehty is reported", invoiced: "Valmis is reported",
  dismissed: "dismissed by a person", withdrawn: "not ours any more; followed for 30 days, in case it comes back", attention: "waits for a person",
};
const codes = ["done-by-hand", "not-ours", "other"];

/** lifeStrip says how the workflow of a notice stands, or nothing when it has none. */
export function lifeStrip(notice, life, act) {
  const stuck = life.attention || life.step;
  return el("div", { class: `life${life.attention ? " attention" : life.step ? " trying" : ""}`, "data-life": `${notice.customer}/${notice.id}` },
    el("p", {},
      el("strong", {}, life.phase || "starting"), ` – ${words[life.phase] ?? "its workflow has just started"}`,
      life.attention && [": ", el("strong", {}, life.attention), life.since ? ` since ${clock(life.since)}` : ""],
      life.step && !life.attention && `; ${life.step} is tried again: ${life.attempt} attempts so far${life.next ? `, the next one at ${clock(life.next)}` : ""}`),
    life.failure && stuck && el("p", { class: "failure" }, `Last failure: ${life.failure}`),
    life.advice && el("p", {}, life.advice),
    stuck && !life.closed && el("div", { class: "buttons" },
      life.attention && el("button", { type: "button", class: "small primary", "data-focus": "resend", on: { click: () => act.resend(notice) } }, "Resend"),
      codes.map((code) => el("button", { type: "button", class: "small", "data-focus": `dismiss-${code}`, on: { click: () => act.dismiss(notice, code) } }, `Dismiss: ${code}`))));
}

/** pollingText says why a customer's notices do not come, or what its last poll failed with; "" when all is well. */
export function pollingText(polling) {
  if (!polling) return "The integration has not taken this customer on: it needs an entry in customers.yaml (Set-up shows one), and a sync.";
  if (!polling.polled) return `Not polled: ${polling.reasons.join("; ")}.`;
  return polling.failure ? `The last poll failed: ${polling.failure}` : "";
}

/** waiting says why a notice has no task. */
export function waiting(notice, life, polling) {
  let text = "Nothing here: the notice is not assigned to our company.";
  if (life) {
    text = life.closed ? "It has no task." : "No task yet: see above.";
  } else if (notice.ours) {
    text = ["Tehty", "Valmis", "Peruttu"].includes(notice.state)
      ? `Nothing here: the notice was ${notice.state} before it could be fetched.`
      : polling && !polling.polled ? "Nobody fetches the notice: see above." : "Waiting for the next poll to fetch the notice…";
  }
  return el("div", { class: "card waiting" }, el("p", {}, text));
}
