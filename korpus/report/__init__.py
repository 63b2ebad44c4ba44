"""From statistics to the terminal summary, the HTML report and the dataset card."""
