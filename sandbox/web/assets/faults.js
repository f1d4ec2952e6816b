import { el } from "./dom.js";
import { path, send } from "./api.js";
import { submitting } from "./forms.js";

const $ = (id) => document.getElementById(id);
const any = (text) => el("option", { value: "" }, text);
let ready = false;

/** prepareFaults fills the choices once the first state is there. */
export function prepareFaults(state, changed) {
  if (ready) return;
  ready = true;
  const form = $("fault-form");
  const { system, op, kind, customer } = form.elements;
  system.replaceChildren(...Object.keys(state.faults.ops).sort().reverse().map((name) => el("option", { value: name }, name)));
  kind.replaceChildren(...state.faults.kinds.map((name) => el("option", { value: name }, name)));
  customer.replaceChildren(any("any"), ...state.customers.map((c) => el("option", { value: c.tunniste }, c.name)));
  const calls = () => op.replaceChildren(any("any"), ...state.faults.ops[system.value].map((name) => el("option", { value: name }, name)));
  system.addEventListener("change", calls);
  calls();
  submitting(form, async () => {
    await send("faults", {
      system: system.value, op: op.value, customer: customer.value, kind: kind.value, delay: form.elements.delay.value,
      retryAfter: form.elements.retryAfter.value, after: Number(form.elements.after.value), times: Number(form.elements.times.value),
    });
    return { text: "The fault is switched on." };
  }, true);
  for (const box of $("delivery").querySelectorAll("input")) {
    box.addEventListener("change", async () => {
      const { drop, double, reorder } = form.elements;
      try {
        await send("delivery", { drop: drop.checked, double: double.checked, reorder: reorder.checked });
        changed({ text: "Webhooks from now on go that way." });
      } catch (error) {
        form.querySelector(".problem").textContent = error.message;
      }
    });
  }
  $("faults-open").addEventListener("click", () => $("fault-dialog").showModal());
}

/** showFaults lists what is switched on. */
export function showFaults(state, changed) {
  const { active, delivery } = state.faults;
  const form = $("fault-form");
  const switched = ["drop", "double", "reorder"].filter((name) => delivery[name]);
  for (const name of ["drop", "double", "reorder"]) form.elements[name].checked = delivery[name];
  const count = active.length + switched.length;
  $("fault-count").textContent = String(count);
  $("fault-count").hidden = count === 0;
  $("faults").replaceChildren(...active.map(({ id, fault, fired }) =>
    el("li", { "data-fault": id },
      el("span", {}, `${fault.system || "any system"}, ${fault.op || "any call"}${fault.customer ? `, ${fault.customer}` : ""}: ${fault.kind}`,
        ` · ${fault.times < 0 ? "for ever" : `${fault.times || 1} times`} from request ${fault.after || 1} · fired ${fired}`),
      el("button", {
        type: "button", class: "small danger", "aria-label": `Remove fault ${id}`,
        on: {
          click: async () => {
            try {
              await send(path("faults", id, "remove"));
              changed({ text: "The fault is switched off." });
            } catch (error) {
              form.querySelector(".problem").textContent = error.message;
            }
          },
        },
      }, "Remove"))));
}
