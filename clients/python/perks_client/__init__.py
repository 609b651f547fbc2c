"""A typed client of perks_engine, generated from the schema that the engine publishes.

```python
from perks_client import Client, models

with Client("https://perks.example", token) as perks:
    granted = perks.claim_perk(models.ClaimRequest(campaign="phone-launch-nyc"))
```
"""

from perks_client import models
from perks_client.api import Client
from perks_client.transport import ProblemError, Tagged, UnreadableError, new_key

__all__ = ["Client", "ProblemError", "Tagged", "UnreadableError", "models", "new_key"]
