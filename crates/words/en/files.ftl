# Files that go with what is said, and what was given with it.
files-files = Files
files-add = Add files
files-busy = Uploading…
files-most = { NUMBER($count) } files at most.
files-large = { $name } is larger than 10 MB.
files-remove = Remove { $name }
files-open-picture = Open { $name }
files-save = Save
files-save-one = Save { $name }
files-not-saved = It was not saved
