import { el } from "./dom.js";
import { path, send } from "./api.js";

const $ = (id) => document.getElementById(id);
const empty = { fields: {} };
let saved = () => {};

/** prepare wires every dialog's close buttons and the two forms; done is called after a change. */
export function prepare(done) {
  saved = done;
  for (const dialog of document.querySelectorAll("dialog")) {
    for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  }
}

/** submitting runs work once when the form is sent, and shows why when it is refused. */
export function submitting(form, work, keepOpen = false) {
  form.onsubmit = async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    const button = event.submitter;
    problem.textContent = "";
    if (button) button.disabled = true;
    try {
      const message = await work();
      if (!keepOpen) form.closest("dialog").close();
      saved(message);
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      if (button) button.disabled = false;
    }
  };
}

const inputs = (form) => [...form.querySelectorAll("input[name], textarea[name]")];

function fill(input, value) {
  if (input.type === "checkbox") {
    input.checked = ![undefined, null, false, 0, "0", "Ei", "false"].includes(value);
  } else if (input.type === "datetime-local") {
    // The wall clock as it is written: these are Finnish local times on any machine.
    input.value = /T/.test(value ?? "") ? value.slice(0, 16) : value ? `${value}T00:00` : "";
  } else {
    input.value = value ?? "";
  }
}

const read = (input) => (input.type === "checkbox" ? input.checked : input.value);

function example(input) {
  if (input.dataset.exampleDays) {
    const [days, time] = input.dataset.exampleDays.split(" ");
    const at = new Date(Date.now() + days * 86_400_000);
    const two = (n) => String(n).padStart(2, "0");
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${time}`;
  }
  return input.type === "checkbox" ? false : input.dataset.example ?? "";
}

/** newNotice opens the form with example values. */
export function newNotice(customers, tunniste) {
  const form = $("notice-form");
  $("notice-title").textContent = "New notice";
  $("notice-hint").textContent = "As an isännöitsijä writes it in Tampuuri. The values are examples: change what you like.";
  $("notice-save").textContent = "Create";
  for (const label of form.querySelectorAll(".create")) label.hidden = false;
  for (const input of inputs(form)) fill(input, example(input));
  $("f-customer").replaceChildren(...customers.map((c) => el("option", { value: c.tunniste, selected: c.tunniste === tunniste }, c.name)));
  const choices = () => {
    const customer = customers.find((c) => c.tunniste === $("f-customer").value);
    $("f-property").replaceChildren(...customer.properties.map((p) => el("option", { value: p.Id }, `${p.Nimi} (${p.Id})`)));
    const others = customer.performers.includes(5999) ? 5998 : 5999;
    $("f-performer").replaceChildren(
      ...customer.performers.map((id) => el("option", { value: id }, `our company (${id})`)),
      el("option", { value: 0 }, "nobody yet"),
      el("option", { value: others }, `another company (${others})`));
  };
  $("f-customer").onchange = choices;
  choices();
  submitting(form, async () => {
    const fields = {};
    for (const input of inputs(form)) {
      if (read(input) !== "") fields[input.name] = read(input);
    }
    const made = await send("notices", {
      customer: $("f-customer").value, property: Number($("f-property").value), performer: Number($("f-performer").value), fields,
    });
    return { text: `Ilmoitus ${made.id} is created.`, customer: $("f-customer").value };
  });
  open("notice-dialog");
}

/** editNotice opens the same form with the notice's values and sends what was changed. */
export function editNotice(notice) {
  const form = $("notice-form");
  $("notice-title").textContent = `Edit notice ${notice.id}`;
  $("notice-hint").textContent = "What is changed here after the task was made reaches Hillava as a note.";
  $("notice-save").textContent = "Save";
  for (const label of form.querySelectorAll(".create")) label.hidden = true;
  const before = new Map();
  for (const input of inputs(form)) {
    fill(input, (notice ?? empty).fields[input.name]);
    before.set(input.name, read(input));
  }
  submitting(form, async () => {
    const changed = inputs(form).filter((input) => read(input) !== before.get(input.name));
    await send(path("notices", notice.customer, notice.id, "edit"), { fields: Object.fromEntries(changed.map((input) => [input.name, read(input)])) });
    return { text: `Ilmoitus ${notice.id} is saved.` };
  });
  open("notice-dialog");
}

/** editEntry opens the form of a time entry; without one it is a new one. */
export function editEntry(task, entry) {
  const form = $("entry-form");
  const now = new Date();
  const today = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  $("entry-title").textContent = entry ? `Edit time entry ${entry.id}` : "Add time entry";
  $("entry-save").textContent = entry ? "Save" : "Add";
  form.elements.date.value = entry?.date ?? today;
  form.elements.resource.value = entry?.resource.name ?? "Testi Huoltaja";
  form.elements.hours.value = entry?.hours ?? 1.5;
  form.elements.approved.checked = entry?.approved ?? false;
  form.elements.customerSummary.value = entry ? entry.customerSummary : "Vaihdettu hanan tiiviste.";
  submitting(form, async () => {
    const body = {
      date: form.elements.date.value, resource: form.elements.resource.value, hours: Number(form.elements.hours.value),
      approved: form.elements.approved.checked, customerSummary: form.elements.customerSummary.value,
    };
    await send(entry ? path("tasks", task.id, "time-entries", entry.id, "edit") : path("tasks", task.id, "time-entries"), body);
    return { text: entry ? "The time entry is saved." : "The time entry is added." };
  });
  open("entry-dialog");
}

function open(id) {
  const dialog = $(id);
  dialog.querySelector(".problem").textContent = "";
  dialog.showModal();
}
