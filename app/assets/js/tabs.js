// On a narrow screen tabs scroll sideways: the current one comes into view, also after the screen is turned.
function show() {
  for (const tabs of document.querySelectorAll(".tabs__line")) {
    const current = tabs.querySelector("[aria-current]");
    if (current) tabs.scrollLeft = current.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
  }
}
show();
window.addEventListener("resize", show);
