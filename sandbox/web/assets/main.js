import { fetchState, path, send } from "./api.js";
import { noticeCard, taskCard, waiting } from "./cards.js";
import { el, keep, toast } from "./dom.js";
import { prepareFaults, showFaults } from "./faults.js";
import { editEntry, editNotice, newNotice, prepare } from "./forms.js";

const every = 1000; // ms between two looks at the state
const $ = (id) => document.getElementById(id);
let state = null;
let chosen = decodeURIComponent(location.hash.slice(1)); // Tunniste of the customer that is shown

const act = {
  assign: (notice, performer) => change(path("notices", notice.customer, notice.id, "assign"), { performer }, "The notice is assigned."),
  cancel: (notice) => change(path("notices", notice.customer, notice.id, "state"), { state: "Peruttu" }, "The notice is cancelled (Peruttu)."),
  reopen: (notice) => change(path("notices", notice.customer, notice.id, "state"), { state: "Uusi" }, "The notice is open again (Uusi)."),
  edit: editNotice,
  press: (task, name) => change(path("tasks", task.id, "transition"), { name }, `${name} is pressed.`),
  addEntry: (task) => editEntry(task, null),
  editEntry,
  approveEntry: (task, entry) => change(path("tasks", task.id, "time-entries", entry.id, "approve"), {}, "The time entry is approved."),
  removeEntry: (task, entry) => change(path("tasks", task.id, "time-entries", entry.id, "remove"), {}, "The time entry is removed."),
};

async function change(where, body, text) {
  try {
    await send(where, body);
    await changed({ text });
  } catch (error) {
    toast(error.message, true);
  }
}

async function changed({ text, customer }) {
  if (customer) choose(customer);
  toast(text);
  await look();
}

function choose(tunniste) {
  chosen = tunniste;
  history.replaceState(null, "", `#${encodeURIComponent(tunniste)}`);
  show();
}

async function look() {
  const connection = $("connection");
  try {
    const fresh = await fetchState();
    connection.textContent = "Live";
    connection.className = "connection live";
    if (!fresh) return;
    state = fresh;
    prepareFaults(state, changed);
    show();
  } catch {
    connection.textContent = "The sandbox does not answer";
    connection.className = "connection lost";
  }
}

function show() {
  if (!state) return;
  if (!state.customers.some((customer) => customer.tunniste === chosen)) chosen = state.customers[0]?.tunniste ?? "";
  const customer = state.customers.find((c) => c.tunniste === chosen);
  $("temporal-link").hidden = !/^https?:\/\//.test(state.temporalUI);
  if (!$("temporal-link").hidden) $("temporal-link").href = state.temporalUI;
  showCustomers();
  showFaults(state, changed);
  const pairs = customer ? pairsOf(customer) : [];
  keep($("pairs"), pairs.map(({ notice, tasks }, place) => ({
    key: notice ? `notice-${notice.customer}-${notice.id}` : `task-${tasks[0].id}`,
    version: JSON.stringify([notice, tasks]),
    make: () => el("section", { class: "pair" },
      notice ? noticeCard(notice, customer, act) : el("div", { class: "card waiting" }, el("p", {}, "No notice has this task’s external id.")),
      tasks.length > 0 ? el("div", { class: "tasks" }, tasks.map((task) => taskCard(task, state.customers, act, place === 0))) : waiting(notice)),
  })));
  $("empty").hidden = pairs.length > 0;
}

function showCustomers() {
  keep($("customers"), state.customers.map(({ tunniste, name }) => {
    const count = state.notices.filter((notice) => notice.customer === tunniste).length;
    return {
      key: tunniste,
      version: JSON.stringify([name, count, tunniste === chosen]),
      make: () => el("button", {
        type: "button", "aria-pressed": String(tunniste === chosen), "data-focus": tunniste, on: { click: () => choose(tunniste) },
      }, `${name} (${count})`),
    };
  }));
}

// pairsOf puts each notice beside its task; a task without a notice, which should not be, comes last.
function pairsOf(customer) {
  const tasks = state.tasks.filter((task) => task.customer === customer.tunniste);
  const pairs = state.notices
    .filter((notice) => notice.customer === customer.tunniste)
    .map((notice) => ({ notice, tasks: tasks.filter((task) => task.externalId === notice.externalId) }));
  const paired = new Set(pairs.flatMap((pair) => pair.tasks));
  return [...pairs, ...tasks.filter((task) => !paired.has(task)).map((task) => ({ notice: null, tasks: [task] }))];
}

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, every);
}

prepare(changed);
$("notice-new").addEventListener("click", () => state && newNotice(state.customers, chosen));
watch();
