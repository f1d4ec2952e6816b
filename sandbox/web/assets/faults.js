import { el } from "./dom.js";
import { path, send } from "./api.js";
import { submitting } from "./forms.js";

const $ = (id) => document.getElementById(id);
const any = (text) => el("option", { value: "" }, text);
let ready = false;
let offered = ""; // the customers that can be chosen
const timesOf = (fault) => fault.times || 1;
const spent = ({ fault, fired }) => timesOf(fault) > 0 && fired >= timesOf(fault);

/** prepareFaults fills the choices that stay once the first state is there. */
export function prepareFaults(state, changed) {
  if (ready) return;
  ready = true;
  const form = $("fault-form");
  const { system, op, kind } = form.elements;
  system.replaceChildren(...Object.keys(state.faults.ops).sort().reverse().map((name) => el("option", { value: name }, name)));
  kind.replaceChildren(...state.faults.kinds.map((name) => el("option", { value: name }, name)));
  const calls = () => op.replaceChildren(any("any"), ...state.faults.ops[system.value].map((name) => el("option", { value: name }, name)));
  system.addEventListener("change", calls);
  calls();
  submitting(form, async () => {
    await send("faults", {
      system: system.value, op: op.value, customer: form.elements.customer.value, kind: kind.value, delay: form.elements.delay.value,
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

/** offerCustomers follows the customers, and keeps the choice while there is that customer. */
function offerCustomers(customers, choice) {
  const now = JSON.stringify(customers.map(({ tunniste, name }) => [tunniste, name]));
  if (now === offered) return;
  offered = now;
  const chosen = customers.find(({ tunniste }) => tunniste === choice.value)?.tunniste ?? "";
  choice.replaceChildren(any("any"), ...customers.map((c) => el("option", { value: c.tunniste }, c.name)));
  choice.value = chosen;
}

/** showFaults lists what is switched on, and counts what can still happen. */
export function showFaults(state, changed) {
  const { active, delivery } = state.faults;
  const form = $("fault-form");
  const switched = ["drop", "double", "reorder"].filter((name) => delivery[name]);
  for (const name of ["drop", "double", "reorder"]) form.elements[name].checked = delivery[name];
  const count = active.filter((one) => !spent(one)).length + switched.length;
  offerCustomers(state.customers, form.elements.customer);
  $("fault-count").textContent = String(count);
  $("fault-count").hidden = count === 0;
  $("faults").replaceChildren(...active.map(({ id, fault, fired }) =>
    el("li", { "data-fault": id },
      el("span", {}, `${fault.system || "any system"}, ${fault.op || "any call"}${fault.customer ? `, ${fault.customer}` : ""}: ${fault.kind}`,
        ` · ${fault.times < 0 ? "for ever" : `${timesOf(fault)} times`} from request ${fault.after || 1} · fired ${fired}${spent({ fault, fired }) ? ", spent" : ""}`),
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
