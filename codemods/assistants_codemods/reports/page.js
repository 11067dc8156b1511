const files = [...document.querySelectorAll(".file")];
const words = document.querySelector("#words"), left = document.querySelector("#left");
const show = () => files.forEach(file => {
  file.hidden = !file.dataset.path.toLowerCase().includes(words.value.toLowerCase()) || (left.checked && file.dataset.left === "0");
});
words.addEventListener("input", show);
left.addEventListener("change", show);
document.querySelector("#open").addEventListener("click", () => {
  const open = files.some(file => !file.hidden && !file.open);
  files.forEach(file => { file.open = open; });
});
const follow = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.matches(".file")) { target.open = true; target.hidden = false; }
};
addEventListener("hashchange", follow);
follow();
