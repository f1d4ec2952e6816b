import { send } from "./api.js";
import { submitting } from "./forms.js";

// What the office sets up in Hillava, rightly or wrongly, and customers that are made in both systems.

const $ = (id) => document.getElementById(id);
const switches = { targetRequired: false, actions: true, integrationsActive: true }; // as it has to be

/** prepareSetUp wires the dialog once. */
export function prepareSetUp(changed) {
  const form = $("setup-form");
  for (const name of Object.keys(switches)) {
    form.elements[name].addEventListener("change", async () => {
      try {
        await send("setup", Object.fromEntries(Object.keys(switches).map((name) => [name, form.elements[name].checked])));
        changed({ text: "Hillava is set up that way from now on." });
      } catch (error) {
        form.querySelector(".problem").textContent = error.message;
      }
    });
  }
  submitting(form, async () => {
    const tunniste = form.elements.tunniste.value;
    const made = await send("customers", { tunniste, name: form.elements.name.value });
    $("setup-entry").textContent = made.entry;
    $("setup-made").hidden = false;
    return { text: "The customer is made in Tampuuri and in Hillava.", customer: tunniste };
  }, true);
  $("setup-open").addEventListener("click", () => $("setup-dialog").showModal());
}

/** showSetUp shows what is set, and how much of it is not as it has to be. */
export function showSetUp({ setUp }) {
  const wrong = Object.entries(switches).filter(([name, right]) => setUp[name] !== right);
  for (const name of Object.keys(switches)) $("setup-form").elements[name].checked = setUp[name];
  $("setup-count").textContent = String(wrong.length);
  $("setup-count").hidden = wrong.length === 0;
}
