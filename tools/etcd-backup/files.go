package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const partSuffix = ".part"

// writeWhole gives a file its name once it is on the disk, so that there is all of it or none.
func writeWhole(path string, mode os.FileMode, write func(*os.File) error) (err error) {
	part := path + partSuffix
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_RDWR, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close() // a second time where it has been closed
			_ = os.Remove(part)
		}
	}()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the names in it outlast a loss of power.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// flushed is a file that is written to the disk while it grows: the fsync at its end then has little left to do.
type flushed struct {
	*os.File
	written, asked int64
}

const flushEvery = 8 << 20

func (f *flushed) Write(data []byte) (int, error) {
	n, err := f.File.Write(data)
	f.written += int64(n)
	if f.written-f.asked >= flushEvery {
		// Only a hint: file systems without it are synced at the end.
		_ = unix.SyncFileRange(int(f.Fd()), f.asked, f.written-f.asked, unix.SYNC_FILE_RANGE_WRITE)
		f.asked = f.written
	}
	return n, err
}

// reserve refuses a folder without room for that many bytes.
func reserve(folder string, bytes int64) error {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return fmt.Errorf("the free space of %s is not known: %w", folder, err)
	}
	if free := int64(stat.Bavail) * stat.Bsize; free < bytes {
		return failf(exitDiskFull, "%s has %s free, and the snapshot needs %s: nothing has been written", folder, mebibytes(free), mebibytes(bytes))
	}
	return nil
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// lock waits until nobody else works in the folder; it is released by closing, or by the end of the process.
func lock(folder string) (io.Closer, error) {
	file, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}
