package main

// Peers is what both systems see of us: requests, and the connections that were opened for them.
type Peers struct {
	Calls       float64 `json:"calls"`
	Connections float64 `json:"connections"`
}

func (b *bench) peers() Peers {
	var p Peers
	for _, counts := range []map[string]int{b.Tampuuri.Requests(), b.Hillava.Requests()} {
		for _, count := range counts {
			p.Calls += float64(count)
		}
	}
	p.Connections = float64(b.TampuuriPort.Opened() + b.HillavaPort.Opened())
	return p
}

func (p Peers) perNotice(until Peers, notices int) Peers {
	n := float64(notices)
	return Peers{(until.Calls - p.Calls) / n, (until.Connections - p.Connections) / n}
}
