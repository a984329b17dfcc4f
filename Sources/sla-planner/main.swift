import Commands

await SLAPlanner.execute()
