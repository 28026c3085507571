// Package plan has what can be bought: plans with their limits and rate limits,
// services with their tiers and prices, add-ons, and amounts per service.
package plan
