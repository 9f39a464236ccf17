"""All runs, and what to do with each of them."""

import streamlit as st
from markupsafe import Markup
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.shared import access, shelf
from ui.shared.words import escaped
from ui.train import setup_form, watch
from ui.train.run_comparison import last_digits, value_text
from vae_model.runs import archive, folders, jobs
from vae_model.runs.folders import RunsError
from vae_model.runs.run import MAX_NAME, Run, list_runs, load, rename

CAPTION_WIDTH = 272
"""Pixels, within a popover, which is as wide as what is in it."""
_UNDO = "train_deleted"
"""What was deleted last in this visit: its place in the trash, and its name."""
_UPLOAD, _REFUSED = "train_import", "train_import_refused"


def show() -> None:
    """The list, newest first."""
    listing = list_runs(shelf.runs_folder())
    _room()
    _undo()
    for name, reason in listing.broken.items():
        reason = folders.within(shelf.runs_folder(), reason)
        st.warning(f"“{escaped(name)}” cannot be read: {escaped(reason)}.")
    if not listing.runs:
        way = " Set one up and start it: with the quick preset it is done within a minute."
        st.info("No runs yet." + (way if jobs.is_allowed() else ""))
    called = shelf.labels_of(listing.runs)
    for run in listing.runs:
        _row(run, called[run.id])
    _import()


def _row(run: Run, called: str) -> None:
    with st.container(key=f"run-{run.id}"):
        left, right = st.columns([1, 1], vertical_alignment="center", gap="large")
        with left:
            st.fragment(_told, run_every=watch.EVERY_SECONDS if run.job else None)(run, called)
        with right, st.container(horizontal=True):
            st.button("Open", key=f"open-{run.id}", on_click=_open, args=(run.id,))
            watch.use_button(run)
            with st.popover("More"):
                _more(run, called)


def _told(shown: Run, called: str) -> None:
    """What a run came to so far; again every second while something works on it."""
    try:
        run = load(shelf.runs_folder(), shown.id)
    except RunsError:
        st.rerun()
    if run.job != shown.job:
        # The whole page, which then asks for news more or less often.
        st.rerun()
    # Its buttons are called as every other row's: whoever goes by headings knows whose they are.
    text = Markup(
        '<div role="heading" aria-level="2"><b>{}</b></div><div class="run-line">{}</div>'
    )
    st.html(text.format(called, _facts(run)))
    if run.epochs:
        st.html(last_digits(run, called))


def _more(run: Run, called: str) -> None:
    if not jobs.is_turned_off():
        name = st.text_input("Name", run.name, max_chars=MAX_NAME, key=f"name-{run.id}")
        if name != run.name and name.strip():
            st.button("Rename", key=f"rename-{run.id}", on_click=_rename, args=(run.id,))
    if jobs.is_allowed():
        label = "Set up another like it"
        st.button(label, key=f"like-{run.id}", on_click=setup_form.fill, args=(run.setup,))
    if run.job:
        return
    st.download_button(
        "Export as .zip",
        lambda: archive.export_run(shelf.runs_folder(), run.id),
        file_name=f"{run.id}.zip",
        mime="application/zip",
        key=f"export-{run.id}",
        on_click="ignore",
    )
    kept = len(archive.kept_epochs(run))
    most = access.largest_upload(archive.MAX_PAGE_MB)
    if (size := archive.exported_bytes(run) / 1e6) > most:
        st.caption(
            f"The file is about {size:.0f} MB: too large to be imported here again, where "
            f"{most} MB are the most.",
            width=CAPTION_WIDTH,
        )
    elif left_out := len(run.kept_epochs) - kept:
        st.caption(
            f"To stay within {archive.MAX_PAGE_MB} MB, the file holds the weights of {kept} "
            f"epochs, the last one among them, and leaves those of {left_out} out. Figures and "
            "digits of all epochs go along.",
            width=CAPTION_WIDTH,
        )
    if jobs.is_allowed() and run.checkpoint:
        label = "Evaluate again" if run.metrics else "Evaluate"
        st.button(label, key=f"evaluate-{run.id}", on_click=_evaluate, args=(run.id,))
    if not jobs.is_turned_off():
        st.button("Delete", key=f"delete-{run.id}", on_click=_delete, args=(run.id, called))


def _facts(run: Run) -> str:
    facts = [run.state, f"{len(run.epochs)} of {run.setup.train.epochs} epochs", run.setup.preset]
    for name, value in run.setup.changed.items():
        facts.append(f"{name.replace('_', ' ')} {value_text(value)}")
    if run.epochs:
        last = run.epochs[-1].test
        facts += [f"accuracy {100 * last['accuracy']:.1f} %", f"VAE loss {last['vae_loss']:.1f}"]
    megabytes = folders.bytes_under(run.path) / 1e6
    facts += [run.data, f"{run.created:%Y-%m-%d %H:%M} UTC", f"{megabytes:.1f} MB"]
    return " · ".join(facts)


def _room() -> None:
    used = folders.used_bytes(shelf.runs_folder())
    try:
        cap = folders.cap_bytes()
        st.caption(
            f"{used / 1e6:.0f} of {cap / 1e6:.0f} MB used by runs; what was deleted makes room "
            "once that is needed."
        )
    except RunsError as error:
        st.warning(watch.refusal(error))


def _undo() -> None:
    place, name = st.session_state.get(_UNDO, ("", ""))
    if place and folders.deleted(shelf.runs_folder(), place):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Deleted “{escaped(name)}”.")
            st.button("Undo", key="undo-delete", on_click=_bring_back)


def _import() -> None:
    if jobs.is_turned_off():
        return
    label = "Import a run that was exported as .zip"
    if not access.can_upload():
        st.markdown(label)
        access.say_where_to_upload()
        return
    most = access.largest_upload(archive.MAX_PAGE_MB)
    upload = st.file_uploader(label, type=["zip"], key=_UPLOAD, max_upload_size=most)
    # Where the button was: below it lies the end of the window.
    if refused := st.session_state.pop(_REFUSED, ""):
        st.error(refused)
    if upload is not None:
        st.button("Import", on_click=_take_in)


def _take_in() -> None:
    # As it stands now: another file may have been given in the moment of the click.
    upload = st.session_state[_UPLOAD]
    if not isinstance(upload, UploadedFile):
        return
    try:
        jobs.check_not_turned_off()
        watch.open_run(archive.import_run(shelf.runs_folder(), upload))
    except RunsError as error:
        st.session_state[_REFUSED] = watch.refusal(error)


def _open(run_id: str) -> None:
    with watch.refusal_said():
        load(shelf.runs_folder(), run_id)  # another visitor may have deleted it
        watch.open_run(run_id)


def _rename(run_id: str) -> None:
    with watch.refusal_said():
        jobs.check_not_turned_off()
        # As it stands now: the browser tells of what was typed and of the click in one request.
        rename(shelf.runs_folder(), run_id, st.session_state[f"name-{run_id}"])


def _evaluate(run_id: str) -> None:
    with watch.refusal_said():
        jobs.evaluate(shelf.runs_folder(), run_id)
        watch.open_run(run_id)


def _delete(run_id: str, called: str) -> None:
    with watch.refusal_said():
        jobs.check_not_turned_off()
        st.session_state[_UNDO] = (folders.delete(shelf.runs_folder(), run_id), called)


def _bring_back() -> None:
    with watch.refusal_said():
        jobs.check_not_turned_off()
        folders.undo_delete(shelf.runs_folder(), st.session_state[_UNDO][0])
        del st.session_state[_UNDO]
