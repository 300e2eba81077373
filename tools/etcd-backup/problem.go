package main

import (
	"errors"
	"fmt"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// What a command ends with. The numbers from 10 are a contract with those who call it.
const (
	exitFailed        = 1
	exitWrongKey      = 10 // none of the identities opens the bundle
	exitTampered      = 11 // the bundle has been changed or cut off
	exitOtherCluster  = 12 // it is of another cluster
	exitWrongDatabase = 13 // the database in it is not the one that its manifest tells of, or is damaged
	exitUnknownFormat = 14 // its format or a version in it is not known
	exitNotFound      = 15 // there is no such bundle
	exitDenied        = 16 // S3 refuses the credentials
	exitDiskFull      = 17 // there is no room
	exitNotUploaded   = 18 // the snapshot has been taken, but is not in S3
	exitApiDenied     = 19 // the API server refuses the reading of something
	exitForgotten     = 20 // the API server no longer knows the revision at which it is read
)

// problem is an error with the exit code that it leads to.
type problem struct {
	code int
	what string
	why  error
}

func (p *problem) Error() string {
	if p.why == nil {
		return p.what
	}
	return p.what + ": " + p.why.Error()
}

func (p *problem) Unwrap() error { return p.why }

func failf(code int, format string, args ...any) error {
	return &problem{code, fmt.Sprintf(format, args...), nil}
}

// exitCode is that of the outermost problem, but for a full disk, wherever it showed.
func exitCode(err error) int {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return exitDiskFull
	}
	var known *problem
	if errors.As(err, &known) {
		return known.code
	}
	return exitFailed
}

// sentence is what the user reads.
func sentence(err error) string {
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}
