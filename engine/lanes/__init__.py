"""What happens to a grant between a match and money: answers, lists, publicity, waivers."""
