// Small comforts that every page can do without: one press sends a form once, the blueprint adds itself up, a print button.

for (const form of document.querySelectorAll("form[data-once]")) {
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) {
      event.preventDefault();
      return;
    }
    isSent = true;
    // Only after this event: a disabled button would not be sent with the form.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
  window.addEventListener("pageshow", () => {
    isSent = false;
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  });
}

// Enter in a field publishes; it must not press the first button of the form, which only counts people.
for (const form of document.querySelectorAll("form.plan")) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input") && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.main"));
    }
  });
}

const total = document.querySelector("[data-total]");
if (total) {
  const counts = [...document.querySelectorAll("[data-count]")];
  const addUp = () => {
    const numbers = counts.map((input) => Number(input.value.normalize("NFKC").trim() || "0"));
    total.textContent = numbers.every((number) => Number.isInteger(number) && number >= 0)
      ? String(numbers.reduce((sum, number) => sum + number, 0))
      : "—";
  };
  counts.forEach((input) => input.addEventListener("input", addUp));
  addUp();
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// What the page answers is read first.
document.querySelector("#errors, #preview")?.focus();
