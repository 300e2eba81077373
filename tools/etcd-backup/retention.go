package main

import (
	"context"
	"time"
)

// retention says which snapshots stay: the last few, and all of the last while.
type retention struct {
	last   int
	within time.Duration
}

// keeps tells which of them stay. The newest does, whatever the settings and the clocks say.
func (r retention) keeps(whole []string, now time.Time) map[string]bool {
	kept := map[string]bool{}
	for index, own := range whole {
		at, err := takenAt(own)
		kept[own] = index == 0 || index < r.last || err != nil || now.Sub(at) <= r.within
	}
	return kept
}

// prune removes what does not stay, oldest first, and what an interruption has left of snapshots before the newest.
func (r retention) prune(ctx context.Context, s shelf, now time.Time) (removed []string, err error) {
	found, err := take(ctx, s)
	if err != nil || len(found.whole) == 0 {
		return nil, err
	}
	kept := r.keeps(found.whole, now)
	gone := func(own string) bool { return !kept[own] }
	for _, own := range found.torn {
		kept[own] = newestFirst([]string{own, found.whole[0]})[0] == own
	}
	all := newestFirst(append(append([]string{}, found.whole...), found.torn...))
	for index := len(all) - 1; index >= 0; index-- {
		if !gone(all[index]) {
			continue
		}
		if err := discard(ctx, s, all[index]); err != nil {
			return removed, err
		}
		removed = append(removed, all[index]+bundleSuffix)
	}
	return removed, nil
}
