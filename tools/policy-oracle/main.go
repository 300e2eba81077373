// policy-oracle answers what Kubernetes itself says of objects, for the tests of policies/: a second opinion.
//
// Its argument says what is asked: qos, network-policy or pod-security. Each line of the input is an object in JSON, and
// each line of the output its answer, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// questions has who answers what.
var questions = map[string]func(line []byte) any{
	"qos":            qosOf,
	"network-policy": validityOf,
	"pod-security":   securityOf,
}

// failure is the answer to what Kubernetes cannot read.
type failure struct {
	Error string `json:"error"`
}

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func start() error {
	if len(os.Args) == 2 {
		if answer, known := questions[os.Args[1]]; known {
			return run(os.Stdin, os.Stdout, answer)
		}
	}
	return fmt.Errorf("usage: policy-oracle qos|network-policy|pod-security")
}

func run(in io.Reader, out io.Writer, answer func(line []byte) any) error {
	buffered := bufio.NewWriter(out)
	lines, answers := bufio.NewReader(in), json.NewEncoder(buffered)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return buffered.Flush()
		} else if err != nil {
			return fmt.Errorf("reading a question: %w", err)
		}
		if err := answers.Encode(answer(line)); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
		if lines.Buffered() == 0 {
			if err := buffered.Flush(); err != nil {
				return fmt.Errorf("writing an answer: %w", err)
			}
		}
	}
}
